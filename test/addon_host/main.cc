// Loads an addon without Node: Node-API as far as fdpoll uses it, and what a user would do, by the addon's own functions.
// It stands in for the Nodes that are not to be had here (linked with musl, for armv7), and for those that no sanitizer
// takes.
//
//     addon_host prebuilds/linux-x64-musl/fdpoll.node
//
// Prints a line for each check, and ends with status 1 at the first that fails.
#include "checks.h"
#include "refused.h"

int main(int count, char** arguments) {
  if (count != 2) host::Die("give the path of an addon");
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  // Every function of Node-API that it imports is here, or it does not load.
  const host::Initializer initialize = host::Load(arguments[1]);
  const int before = host::CountDescriptors();
  {
    host::Addon addon(initialize);
    host::CheckPollers(&addon);
    host::CheckSockets(&addon);
    host::CheckThreads(initialize, &addon);
    addon.env().End();
    CHECK(addon.env().references.empty() && addon.env().hooks.empty());
    CHECK(addon.env().uncaught.empty());
  }
  CHECK(host::CountDescriptors() == before);
  CHECK(host::Refused() == 0);
  std::puts("everything is closed");
}
