// What the end of an HTTP exchange means for a message, where nothing more is
// known of the provider.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/http_client/http_client.h"

namespace rekindle {

// By status, or by how the exchange ended. A gateway's 502 or 504 leaves open
// whether the receiver behind it took the message, and so does a failure (5xx,
// but for 503) without a word: that is temporary only where the receiver drops
// repetitions, else unknown.
OutcomeClass ClassifyHttp(const HttpAnswer& answer, bool deduplicates);

// How an exchange that got no answer is told: "not sent: ..", "no answer: ..".
// `hide` goes to AnswerText.
std::string HttpTrouble(const HttpAnswer& answer,
                        const std::vector<std::string_view>& hide);

}  // namespace rekindle
