// Finds the links in a message and puts others in their place.
//
// Only http and https links are links: app://, mailto: and tel: are left alone,
// and so is everything of the text but the links themselves, byte by byte.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace rekindle {

// Gives the text to put in place of a link, which it gets without escapes.
using ReplaceLink = std::function<std::string(const std::string& url)>;

bool IsWebLink(std::string_view url);

// In plain text a link ends at a space, a quote, an angle bracket or the first
// character outside ASCII ("https://a.example，回T退订"); full stops and the
// like at its end, and a closing bracket that it did not open, are not its own.
std::string ReplaceLinksInText(std::string_view text, const ReplaceLink& link);

// In HTML the links are the href of <a> and <area>. Comments, scripts and
// styles are skipped. What `link` gives is escaped.
std::string ReplaceLinksInHtml(std::string_view html, const ReplaceLink& link);

// The html with the markup put in before </body>, or at the end.
std::string InsertAtBodyEnd(std::string_view html, std::string_view markup);

}  // namespace rekindle
