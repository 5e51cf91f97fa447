// Profiles of a run of users as they stand in the store: for each key the
// values in use and, for each user, which of them (0: none).
#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/store/packed.h"
#include "engine/users/profile_columns.h"

namespace rekindle {
// Empty where nobody of the run has a value.
std::string ProfileColumns::Column::Encode(UserNumber begin,
                                           UserNumber end) const {
  boost::unordered_flat_map<Code, uint64_t> places;
  std::string texts, users;
  for (UserNumber user = begin; user < end; ++user) {
    const Code code = CodeOf(user);
    if (code == 0) {
      PutVarint(&users, 0);
      continue;
    }
    const auto [place, is_new] = places.emplace(code, places.size() + 1);
    if (is_new) PutText(&texts, Text(code));
    PutVarint(&users, place->second);
  }
  if (places.empty()) return {};
  std::string bytes;
  PutVarint(&bytes, places.size());
  return bytes + texts + users;
}

bool ProfileColumns::Column::Decode(ByteReader& in, UserNumber begin,
                                    UserNumber end) {
  std::vector<Code> codes = {0};
  for (uint64_t values = in.Varint(); values > 0 && in.ok(); --values) {
    codes.push_back(CodeFor(in.Bytes(in.Varint())));
  }
  std::vector<Code> run;
  run.reserve(end - begin);
  for (UserNumber user = begin; user < end; ++user) {
    const uint64_t place = in.Varint();
    if (place >= codes.size()) return false;
    run.push_back(codes[place]);
    ++entries_[codes[place]].users;
  }
  codes_.PutRun(begin, run);
  return in.ok();
}

std::string ProfileColumns::PackRun(UserNumber begin, UserNumber end) const {
  std::string bytes;
  PutVarint(&bytes, end - begin);
  const size_t head = bytes.size();
  for (const auto& [key, column] : columns_) {
    const std::string encoded = column.Encode(begin, end);
    if (encoded.empty()) continue;
    PutText(&bytes, key);
    bytes += encoded;
  }
  return bytes.size() == head ? std::string() : Pack(bytes);
}

bool ProfileColumns::UnpackRun(UserNumber begin, std::string_view packed) {
  const auto bytes = Unpack(packed);
  if (!bytes) return false;
  ByteReader in(*bytes);
  const auto users = static_cast<UserNumber>(in.Varint());
  while (in.left() > 0) {
    const std::string_view key = in.Bytes(in.Varint());
    if (!ColumnFor(key).Decode(in, begin, begin + users)) return false;
  }
  return in.ok();
}

}  // namespace rekindle
