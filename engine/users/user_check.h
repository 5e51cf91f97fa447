// Whether the packed blocks of users and of their profiles are whole on disk.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "config/base/workers.h"
#include "engine/model/event.h"

namespace rekindle {

// Says which blocks are damaged, for people. In the caller's transaction; a
// directory that is open has all of them in memory, and is not asked.
std::vector<std::string> CheckUsers(SQLite::Database& db, Workers& workers);

// Such a damage: "block 3 of the stored users is damaged".
std::string DamagedUsers(UserNumber block);
std::string DamagedProfiles(UserNumber block);

}  // namespace rekindle
