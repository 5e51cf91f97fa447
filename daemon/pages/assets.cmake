# Writes a source file that holds the pages' files as raw string literals.
# Called with -DOUT=... and -DDIR=...
file(GLOB assets "${DIR}/*")
set(entries "")
foreach(asset IN LISTS assets)
  get_filename_component(name "${asset}" NAME)
  file(READ "${asset}" text)
  string(APPEND entries "    {\"${name}\", R\"asset(${text})asset\"},\n")
endforeach()
file(WRITE "${OUT}.new" "// Generated from daemon/pages/html: do not edit.
#include \"daemon/pages/assets.h\"

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
