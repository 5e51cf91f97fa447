// What all connections of the intake share, and what they ask before a call is
// let through: who sends, and what the body says.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/intake/committer.h"
#include "daemon/intake/intake_stats.h"
#include "daemon/intake/memory_budget.h"
#include "daemon/intake/refusal_log.h"
#include "daemon/intake/visits.h"
#include "daemon/intake/write_keys.h"
#include "daemon/receipts/receipt_committer.h"
#include "daemon/session/intake_settings.h"
#include "daemon/session/session.h"

namespace rekindle {

class CallReader;

// Thread-safe.
class Reception {
 public:
  // The session and the committer of receipts outlive it.
  Reception(Session& session, const IntakeSettings& settings,
            ReceiptCommitter& receipts);

  // After a reload; connections stay. The address takes a restart.
  void Adopt(const IntakeSettings& settings);

  enum class Permission { kGranted, kBodyDecides, kDenied };
  // Judges by the Authorization header; without one, or with the token of
  // another service, the key may stand in the body.
  Permission PermissionOf(std::string_view authorization) const;
  // The same on a connection. The header that was granted on it last is granted
  // again unchecked, as a check takes as long as reading a small body.
  struct Granted {
    std::string authorization;
    uint64_t keys = 0;  // WriteKeys::version; 0: nothing was granted
  };
  Permission PermissionOf(std::string_view authorization, Granted* last) const;

  // Unpacks and parses `call.body`; where the body decides, asks for its key.
  std::optional<Problem> Understand(std::string_view content_encoding,
                                    Permission permission, CallReader& reader,
                                    Call* call) const;

  size_t max_body() const { return static_cast<size_t>(max_body_.load()); }
  int64_t max_connections() const { return max_connections_; }
  const Clock& clock() const { return session_.clock(); }

  // From now on every call is answered 503.
  void Stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

  MemoryBudget& waiting() { return waiting_; }
  const MemoryBudget& waiting() const { return waiting_; }
  IntakeStats& stats() { return stats_; }
  const IntakeStats& stats() const { return stats_; }
  const RefusalLog& refusals() const { return refusals_; }
  Committer& committer() { return committer_; }
  Visits& visits() { return visits_; }
  ReceiptCommitter& receipts() { return receipts_; }

 private:
  Session& session_;
  WriteKeys write_keys_;
  MemoryBudget waiting_;
  std::atomic<int64_t> max_body_;
  std::atomic<int64_t> max_connections_;
  std::atomic<bool> stopping_ = false;
  IntakeStats stats_;
  RefusalLog refusals_;
  Visits visits_;
  ReceiptCommitter& receipts_;
  Committer committer_;  // last: it uses those above until it ends
};

}  // namespace rekindle
