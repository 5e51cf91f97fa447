// The addresses of a user: a profile value, or a list of them (the tokens of
// two phones).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/users/user_directory.h"

namespace rekindle {

// The addresses in the profile's order, without empty ones; values that are
// neither texts nor numbers are left out.
std::vector<std::string> AddressesOf(const UserDirectory& users,
                                     UserNumber user, std::string_view key);

// The same of a value as a JSON text.
std::vector<std::string> AddressesIn(std::string_view json);

}  // namespace rekindle
