#include "daemon/intake/reception.h"

#include <openssl/crypto.h>

#include "daemon/intake/body_decoding.h"
#include "daemon/intake/call_reader.h"

namespace rekindle {

Reception::Reception(Session& session, const IntakeSettings& settings,
                     ReceiptCommitter& receipts)
    : session_(session),
      write_keys_(settings.write_keys),
      waiting_(settings.max_waiting),
      max_body_(settings.max_body),
      max_connections_(settings.max_connections),
      refusals_(session.engine().data_dir()),
      visits_(session, receipts.clicks()),
      receipts_(receipts),
      committer_(session.engine(), session.clock(), refusals_, stats_) {}

void Reception::Adopt(const IntakeSettings& settings) {
  write_keys_.Adopt(settings.write_keys);
  waiting_.SetMost(settings.max_waiting);
  max_body_ = settings.max_body;
  max_connections_ = settings.max_connections;
}

Reception::Permission Reception::PermissionOf(
    std::string_view authorization) const {
  if (authorization.empty()) return Permission::kBodyDecides;
  const auto credentials = ParseAuthorization(authorization);
  if (!credentials) return Permission::kDenied;
  if (write_keys_.Contains(credentials->key)) return Permission::kGranted;
  return credentials->bearer ? Permission::kBodyDecides : Permission::kDenied;
}

Reception::Permission Reception::PermissionOf(std::string_view authorization,
                                              Granted* last) const {
  // Before the keys are asked, so that new ones are asked again.
  const uint64_t keys = write_keys_.version();
  // In constant time, as a proxy may put several clients on one connection.
  if (last->keys == keys &&
      last->authorization.size() == authorization.size() &&
      CRYPTO_memcmp(last->authorization.data(), authorization.data(),
                    authorization.size()) == 0) {
    return Permission::kGranted;
  }
  const Permission permission = PermissionOf(authorization);
  if (permission == Permission::kGranted) {
    *last = {std::string(authorization), keys};
  }
  return permission;
}

std::optional<Problem> Reception::Understand(std::string_view content_encoding,
                                             Permission permission,
                                             CallReader& reader,
                                             Call* call) const {
  auto problem = DecodeBody(content_encoding, max_body(),
                            simdjson::SIMDJSON_PADDING, &call->body);
  if (problem) return problem;
  call->received_at = clock().Now();
  const auto settings = session_.engine().settings();
  problem = reader.Read(settings->calendar, call);
  if (permission == Permission::kBodyDecides) {
    if (call->write_key.empty()) {
      // What cannot be read has no key that could be read.
      if (problem) return problem;
      return Problem{401, "failed to read writekey from header",
                     "neither the header nor the body names a write key"};
    }
    if (!write_keys_.Contains(call->write_key)) {
      return Problem{401, "invalid write key",
                     "the body's writeKey is not one of this intake"};
    }
  }
  return problem;
}

}  // namespace rekindle
