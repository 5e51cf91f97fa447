// What the world asks of the intake besides taking in events: tracked links and
// open pixels (/r/TOKEN), the unsubscribe page (/u/TOKEN), and the receipts of
// providers (/v1/receipts/CHANNEL).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "channels/receipts/receipt_signature.h"
#include "daemon/intake/answer.h"
#include "daemon/receipts/click_judge.h"
#include "daemon/receipts/receipt_committer.h"
#include "daemon/session/session.h"
#include "engine/store/reader_pool.h"

namespace rekindle {

struct VisitRequest {
  std::string_view method;  // "GET"
  std::string_view path;    // without the query
  std::string_view query;
  HeaderLookup header;
  std::string_view body;  // as sent, but for its content encoding
};

struct VisitReply {
  Answer answer;
  ReceiptBatch batch;
  bool waits = false;  // the answer holds once the batch is durable
};

// Thread-safe.
class Visits {
 public:
  // Both outlive it.
  Visits(Session& session, ClickJudge& clicks);

  static bool Knows(std::string_view path);
  // Whether the body of a request with this method is read.
  static bool TakesBody(std::string_view method) { return method == "POST"; }

  // Never throws: where the disk fails, 503.
  VisitReply Handle(const VisitRequest& request);

 private:
  VisitReply Follow(const VisitRequest& request, std::string_view token);
  VisitReply Unsubscribe(const VisitRequest& request, std::string_view token);
  VisitReply TakeReceipts(const VisitRequest& request,
                          std::string_view channel);
  std::optional<LinkVisit> Find(TokenUse use, std::string_view token);

  Session& session_;
  ClickJudge& clicks_;
  ReaderPool readers_;
};

}  // namespace rekindle
