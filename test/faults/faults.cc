// A test-only addon that stands between another addon and the C library. It replaces the addresses in the other's
// import table (global offset table), so that nobody else in the process is disturbed, the runtime and libuv
// neither; what it calls then is whatever the process has by that name, a sanitizer's wrapper too. Linux, ELF.
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "kinds.h"

namespace {

std::atomic<int> counts[kKinds];
std::atomic<int> always[kKinds];
std::atomic<int> armed_kind{-1};
std::atomic<int> armed_left{0};
std::atomic<int> armed_verdict{0};
std::atomic<bool> fired{false};

struct Import {
  std::string name;
  bool hooked;
  bool fails;
};

struct Search {
  const char* ending;
  std::string path;
  std::vector<Import> imports;
};

void Replace(void** slot, void* function) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto* start = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(slot) & ~(page - 1));
  if (mprotect(start, 2 * page, PROT_READ | PROT_WRITE) != 0)
    mprotect(start, page, PROT_READ | PROT_WRITE);
  *slot = function;
}

// What it is to the process, or else to the addon alone, which loads libkqueue for itself.
void* Find(const Search& search, const char* name) {
  void* found = dlsym(RTLD_DEFAULT, name);
  if (found != nullptr) return found;
  void* addon = dlopen(search.path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  found = addon != nullptr ? dlsym(addon, name) : nullptr;
  if (addon != nullptr) dlclose(addon);
  return found;
}

bool IsImport(unsigned long type) {
#if defined(__x86_64__)
  return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
#elif defined(__aarch64__)
  return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT;
#else
#error "the relocations of this architecture are not known here"
#endif
}

void ReadTable(ElfW(Addr) base,
               const ElfW(Rela) * table,
               size_t bytes,
               const ElfW(Sym) * symbols,
               const char* names,
               Search* search) {
  for (size_t i = 0; i < bytes / sizeof(*table); i++) {
    if (!IsImport(ELF64_R_TYPE(table[i].r_info))) continue;
    const ElfW(Sym)& symbol = symbols[ELF64_R_SYM(table[i].r_info)];
    if (symbol.st_shndx != SHN_UNDEF) continue;
    const char* name = names + symbol.st_name;
    const Hook* hook = FindHook(name);
    search->imports.push_back({name, hook != nullptr, hook != nullptr && hook->fails});
    if (hook == nullptr) continue;
    if (*hook->original == nullptr) *hook->original = Find(*search, name);
    Replace(reinterpret_cast<void**>(base + table[i].r_offset), hook->function);
  }
}

int Look(dl_phdr_info* info, size_t, void* context) {
  auto* search = static_cast<Search*>(context);
  const std::string name = info->dlpi_name;
  const std::string ending = search->ending;
  if (name.size() < ending.size() ||
      name.compare(name.size() - ending.size(), ending.size(), ending) != 0)
    return 0;
  search->path = name;
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
      dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    }
  }
  const ElfW(Rela) * tables[2] = {nullptr, nullptr};
  size_t sizes[2] = {0, 0};
  const ElfW(Sym)* symbols = nullptr;
  const char* names = nullptr;
  for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; dynamic++) {
    if (dynamic->d_tag == DT_JMPREL)
      tables[0] = reinterpret_cast<const ElfW(Rela)*>(dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_PLTRELSZ) sizes[0] = dynamic->d_un.d_val;
    if (dynamic->d_tag == DT_RELA)
      tables[1] = reinterpret_cast<const ElfW(Rela)*>(dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_RELASZ) sizes[1] = dynamic->d_un.d_val;
    if (dynamic->d_tag == DT_SYMTAB)
      symbols = reinterpret_cast<const ElfW(Sym)*>(dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(dynamic->d_un.d_ptr);
  }
  for (int i = 0; i < 2; i++)
    ReadTable(info->dlpi_addr, tables[i], sizes[i], symbols, names, search);
  return 1;
}

std::string Text(napi_env env, napi_value value) {
  char text[4096];
  size_t length = 0;
  napi_get_value_string_utf8(env, value, text, sizeof(text), &length);
  return {text, length};
}

int KindNamed(const std::string& name) {
  for (int kind = 0; kind < kKinds; kind++) {
    if (name == kKindNames[kind]) return kind;
  }
  return -1;
}

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

struct Arguments {
  napi_value at[3]{};
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = 3;
    napi_get_cb_info(env, info, &count, at, nullptr, nullptr);
  }
};

int Int(napi_env env, napi_value value) {
  int32_t number = 0;
  napi_get_value_int32(env, value, &number);
  return number;
}

// (end of the addon's path) → { name: 'fails' | 'counted' | 'left' }, empty when there is no such addon
napi_value Install(napi_env env, napi_callback_info info) {
  const std::string ending = Text(env, Arguments(env, info).at[0]);
  Search search{ending.c_str(), {}, {}};
  dl_iterate_phdr(Look, &search);
  napi_value object = nullptr;
  napi_create_object(env, &object);
  for (const Import& import : search.imports) {
    napi_value word = nullptr;
    const char* text = import.fails ? "fails" : import.hooked ? "counted" : "left";
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &word);
    napi_set_named_property(env, object, import.name.c_str(), word);
  }
  return object;
}

// (kind, which call from now on, errno or -1 for a short one) → 0, or -1 for an unknown kind
napi_value Arm(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const int kind = KindNamed(Text(env, arguments.at[0]));
  fired = false;
  armed_left = Int(env, arguments.at[1]);
  armed_verdict = Int(env, arguments.at[2]);
  armed_kind = kind;
  return Number(env, kind < 0 ? -1 : 0);
}

// () → whether the call was made, and has failed
napi_value Disarm(napi_env env, napi_callback_info) {
  armed_kind = -1;
  napi_value value = nullptr;
  napi_get_boolean(env, fired, &value);
  return value;
}

// (kind, errno or 0): every call from now on, as a system that lacks it
napi_value Always(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const int kind = KindNamed(Text(env, arguments.at[0]));
  if (kind >= 0) always[kind] = Int(env, arguments.at[1]);
  return Number(env, kind < 0 ? -1 : 0);
}

// () → { kind: calls since the last time }
napi_value Count(napi_env env, napi_callback_info) {
  napi_value object = nullptr;
  napi_create_object(env, &object);
  for (int kind = 0; kind < kKinds; kind++) {
    const int count = counts[kind].exchange(0);
    if (count > 0) napi_set_named_property(env, object, kKindNames[kind], Number(env, count));
  }
  return object;
}

// () → bytes of the largest block since the last time that was not asked for beforehand
napi_value Largest(napi_env env, napi_callback_info) {
  return Number(env, static_cast<double>(LargestUnasked()));
}

napi_value Live(napi_env env, napi_callback_info) {
  return Number(env, static_cast<double>(LiveBlocks()));
}

}  // namespace

// Also inside of signal handlers and on other threads.
int Verdict(Kind kind) {
  counts[kind]++;
  if (armed_kind == kind && --armed_left == 0) {
    fired = true;
    return armed_verdict;
  }
  return always[kind];
}

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"install", Install},
                   {"arm", Arm},
                   {"disarm", Disarm},
                   {"always", Always},
                   {"count", Count},
                   {"largest", Largest},
                   {"live", Live}};
  for (const auto& each : functions) {
    napi_value function = nullptr;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.function, nullptr, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  return exports;
}
