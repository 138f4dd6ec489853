#pragma once

namespace host {

// How often the addon has called what this host does not have.
int Refused();

}  // namespace host
