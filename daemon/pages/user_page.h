// The user page's model: DescribeUser with personal data masked.
#pragma once

#include "config/base/phrase.h"
#include "daemon/pages/models.h"

namespace rekindle {

// An empty id gives an empty form; an unknown one is kNotFound. `tell` has the
// words for what explains decisions: the page's language, the API's English.
// E-mail addresses, phone numbers and tokens are masked: a***@example.com,
// 138****8000; in events' properties and where rules compared them, too.
Result<Json> UserModel(Session& session, const std::string& user_id,
                       Instant as_of, const PhraseTeller& tell);

// For the page only: the profile as a list, each rule's nested findings as one
// list with a depth.
void ShapeUserPage(Json& model);

// Masks an address or a number for people to recognise, not to read.
std::string MaskAddress(const std::string& text);

}  // namespace rekindle
