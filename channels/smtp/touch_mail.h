// The mail of a touch.
#pragma once

#include <string>
#include <string_view>

#include "channels/smtp/inline_images.h"
#include "channels/smtp/mime_message.h"
#include "channels/smtp/settings.h"
#include "engine/ledger/ledger.h"

namespace rekindle {

// A part of the message ("subject", "text", "html"); empty where it has none.
std::string PartOf(const ClaimedTouch& touch, std::string_view part);

// Whom bounces go to: `bounce_address` with the touch's token in place of
// kTokenMark, else the address of `from`.
std::string ReturnPathOf(const SmtpSettings& settings,
                         const ClaimedTouch& touch);

// kNotFound where an image that the html shows is not there.
Result<MimeMessage> MailOf(const SmtpSettings& settings,
                           const ClaimedTouch& touch, ImageFolder& images,
                           Instant now);

}  // namespace rekindle
