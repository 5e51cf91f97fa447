// A block of users as it stands in the store: packed column by column.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/event.h"
#include "engine/users/stamp.h"

namespace rekindle {

inline constexpr UserNumber kUsersInBlock = 4096;

enum class UserKind : uint8_t { kIdentified, kAnonymous, kErased };

// All that is kept of a user besides profile, tags and links, on its way to the
// store or from it. Does not own the texts.
struct UserRecord {
  std::string_view id;  // empty where erased
  UserKind kind = UserKind::kIdentified;
  UserNumber into = kNoUser;        // whom it was merged into
  Stamp first;                      // event of any kind
  Stamp created;                    // as the profile says
  std::string_view experiment_key;  // empty: the id
};

std::string PackUserBlock(std::span<const UserRecord> records);

// An unpacked block; it owns the records' texts.
struct UnpackedUserBlock {
  std::unique_ptr<const std::string> bytes;
  std::vector<UserRecord> records;
};
// Nothing where the bytes are damaged.
std::optional<UnpackedUserBlock> UnpackUserBlock(std::string_view packed);

}  // namespace rekindle
