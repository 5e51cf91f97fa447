#include "engine/users/user_check.h"

#include <utility>

#include "engine/store/statements.h"
#include "engine/users/profile_columns.h"
#include "engine/users/user_block.h"

namespace rekindle {
namespace {

constexpr size_t kBlocksAtOnce = 256;  // of some hundred kilobytes each

// Looks at blobs by their number of block, on all cores.
template <class IsWhole, class Damage>
void CheckBlobs(SQLite::Database& db, const char* sql, Workers& workers,
                IsWhole&& is_whole, Damage&& damage,
                std::vector<std::string>* damages) {
  SQLite::Statement rows(db, sql);
  for (bool more = true; more;) {
    std::vector<std::pair<UserNumber, std::string>> blocks;
    while (blocks.size() < kBlocksAtOnce && (more = rows.executeStep())) {
      blocks.emplace_back(rows.getColumn(0).getUInt(),
                          BlobOf(rows.getColumn(1)));
    }
    std::vector<char> whole(blocks.size());
    workers.ForEach(blocks.size(),
                    [&](size_t i) { whole[i] = is_whole(blocks[i].second); });
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (!whole[i]) damages->push_back(damage(blocks[i].first));
    }
  }
}

bool AreUsersWhole(std::string_view packed) {
  const auto users = UnpackUserBlock(packed);
  return users && !users->records.empty();
}

// Nobody of the block may have a profile.
bool AreProfilesWhole(std::string_view packed) {
  return packed.empty() || ProfileColumns().UnpackRun(0, packed);
}

}  // namespace

std::vector<std::string> CheckUsers(SQLite::Database& db, Workers& workers) {
  std::vector<std::string> damages;
  CheckBlobs(db, "SELECT block, users FROM user_blocks ORDER BY block", workers,
             AreUsersWhole, DamagedUsers, &damages);
  CheckBlobs(db, "SELECT block, profiles FROM profile_blocks ORDER BY block",
             workers, AreProfilesWhole, DamagedProfiles, &damages);
  return damages;
}

std::string DamagedUsers(UserNumber block) {
  return "block " + std::to_string(block) + " of the stored users is damaged";
}

std::string DamagedProfiles(UserNumber block) {
  return "block " + std::to_string(block) +
         " of the stored profiles is damaged";
}

}  // namespace rekindle
