#include "channels/http_client/http_outcome.h"

#include "channels/adapter/answer_text.h"

namespace rekindle {
namespace {

OutcomeClass ClassifyStatus(const HttpAnswer& answer, bool deduplicates) {
  const int status = answer.status;
  if (status < 300) return OutcomeClass::kAccepted;
  const bool silent = status >= 500 && status != 503 && answer.body.empty();
  switch (status) {
    case 400:
    case 413:
    case 422:
      return OutcomeClass::kBadMessage;
    case 408:
    case 425:
    case 429:
      return OutcomeClass::kTemporary;
    case 502:
    case 504:
      return deduplicates ? OutcomeClass::kTemporary : OutcomeClass::kUnknown;
    default:
      if (silent && !deduplicates) return OutcomeClass::kUnknown;
      // Below 500: a redirect, a wrong key, path or method, an endpoint that
      // is gone. A webhook's endpoint is the channel, never a recipient.
      return status >= 500 ? OutcomeClass::kTemporary : OutcomeClass::kAccount;
  }
}

}  // namespace

OutcomeClass ClassifyHttp(const HttpAnswer& answer, bool deduplicates) {
  switch (answer.end) {
    case HttpEnd::kAnswered:
      return ClassifyStatus(answer, deduplicates);
    case HttpEnd::kUnreachable:
      return OutcomeClass::kTemporary;
    case HttpEnd::kUntrusted:
    case HttpEnd::kRefused:
      return OutcomeClass::kAccount;
    case HttpEnd::kNoAnswer:
      break;
  }
  return OutcomeClass::kUnknown;
}

std::string HttpTrouble(const HttpAnswer& answer,
                        const std::vector<std::string_view>& hide) {
  switch (answer.end) {
    case HttpEnd::kRefused:
      return "not sent: the url leads to a private address, and "
             "private_addresses is refuse";
    case HttpEnd::kUnreachable:
    case HttpEnd::kUntrusted:
      return "not sent: " + AnswerText(answer.error, hide);
    case HttpEnd::kAnswered:
    case HttpEnd::kNoAnswer:
      break;
  }
  return "no answer: " + AnswerText(answer.error, hide);
}

}  // namespace rekindle
