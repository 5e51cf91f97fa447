# Writes a source file that holds files as raw string literals.
# Called with -DOUT=... and -DFILES=...;...
set(entries "")
foreach(asset IN LISTS FILES)
  get_filename_component(name "${asset}" NAME)
  file(READ "${asset}" text)
  string(APPEND entries "    {\"${name}\", R\"asset(${text})asset\"},\n")
endforeach()
file(WRITE "${OUT}.new" "// Generated from files: do not edit.
#include \"daemon/texts/assets.h\"

#include <map>

namespace rekindle {

std::string_view Asset(std::string_view name) {
  static const std::map<std::string_view, std::string_view> assets = {
${entries}  };
  return assets.at(name);
}

}  // namespace rekindle
")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
