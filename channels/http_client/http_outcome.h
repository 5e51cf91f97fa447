// What the end of an HTTP exchange means for a message, where nothing more is
// known of the provider.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/http_client/http_client.h"

namespace rekindle {

// Classifies by status, or by how the exchange ended. A gateway's 502 or 504
// leaves open whether the receiver behind it took the message, and so does any
// other 5xx but 503 with an empty body: these are temporary only where the
// receiver drops repetitions, else unknown.
OutcomeClass ClassifyHttp(const HttpAnswer& answer, bool deduplicates);

// Tells people how an exchange without an answer ended: "not sent: ..", "no
// answer: ..". `hide` goes to AnswerText.
std::string HttpTrouble(const HttpAnswer& answer,
                        const std::vector<std::string_view>& hide);

}  // namespace rekindle
