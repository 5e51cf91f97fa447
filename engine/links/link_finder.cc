#include "engine/links/link_finder.h"

#include <algorithm>
#include <charconv>

#include "config/templates/escape.h"

namespace rekindle {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool IsWordChar(char c) {
  return (c >= '0' && c <= '9') || (Lower(c) >= 'a' && Lower(c) <= 'z');
}

bool StartsWithWord(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return a == Lower(b); });
}

size_t FindWord(std::string_view text, std::string_view word, size_t from) {
  for (size_t at = from; at + word.size() <= text.size(); ++at) {
    if (StartsWithWord(text.substr(at), word)) return at;
  }
  return text.npos;
}

// How long the link is that the text starts with; 0: it starts with none.
size_t LinkLength(std::string_view text) {
  if (!IsWebLink(text)) return 0;
  size_t end = 0;
  while (end < text.size() && text[end] > ' ' && text[end] < 0x7F &&
         std::string_view("\"'<>`").find(text[end]) == std::string_view::npos) {
    ++end;
  }
  std::string_view link = text.substr(0, end);
  while (!link.empty()) {
    const char last = link.back();
    const bool unopened = (last == ')' && link.find('(') == link.npos) ||
                          (last == ']' && link.find('[') == link.npos) ||
                          last == '}';
    if (!unopened && std::string_view(".,;:!?").find(last) == link.npos) break;
    link.remove_suffix(1);
  }
  // More than the scheme must be left.
  return IsWebLink(link) ? link.size() : 0;
}

// The character an entity stands for; nothing for those no URL needs.
std::string CharacterOf(std::string_view entity) {
  constexpr std::pair<std::string_view, const char*> kNamed[] = {
      {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
  for (const auto& [name, character] : kNamed) {
    if (entity == name) return character;
  }
  if (!entity.starts_with('#')) return "";
  entity.remove_prefix(1);
  const bool hex = entity.starts_with('x') || entity.starts_with('X');
  if (hex) entity.remove_prefix(1);
  int code = 0;
  const auto [end, error] = std::from_chars(
      entity.data(), entity.data() + entity.size(), code, hex ? 16 : 10);
  if (error != std::errc() || end != entity.data() + entity.size() ||
      code <= ' ' || code >= 0x7F) {
    return "";
  }
  return std::string(1, static_cast<char>(code));
}

std::string Unescaped(std::string_view html) {
  std::string text;
  while (!html.empty()) {
    // No entity is longer, and a text may be a whole picture.
    const size_t semicolon = html.substr(0, 9).find(';');
    if (html.front() == '&' && semicolon != html.npos) {
      const std::string character = CharacterOf(html.substr(1, semicolon - 1));
      if (!character.empty()) {
        text += character;
        html.remove_prefix(semicolon + 1);
        continue;
      }
    }
    text += html.front();
    html.remove_prefix(1);
  }
  return text;
}

// Copies HTML from one string to another, with other links.
class HtmlCopy {
 public:
  HtmlCopy(std::string_view html, const ReplaceLink& link)
      : html_(html), link_(link) {}

  std::string Run() {
    while (at_ < html_.size()) {
      const size_t open = std::min(html_.find('<', at_), html_.size());
      CopyTo(open);
      if (at_ == html_.size()) break;
      const std::string_view rest = html_.substr(at_);
      if (rest.starts_with("<!--")) {
        CopyPast("-->");
      } else if (IsTag(rest, "script")) {
        CopyPast("</script");
      } else if (IsTag(rest, "style")) {
        CopyPast("</style");
      } else {
        CopyTag(IsTag(rest, "a") || IsTag(rest, "area"));
      }
    }
    return std::move(out_);
  }

 private:
  static bool IsTag(std::string_view rest, std::string_view name) {
    rest.remove_prefix(1);
    return StartsWithWord(rest, name) &&
           (rest.size() == name.size() || !IsWordChar(rest[name.size()]));
  }

  void CopyTo(size_t end) {
    out_ += html_.substr(at_, end - at_);
    at_ = end;
  }
  void CopyPast(std::string_view end) {
    const size_t found = FindWord(html_, end, at_);
    CopyTo(found == html_.npos ? html_.size() : found + end.size());
  }

  void CopyTag(bool has_links) {
    CopyTo(at_ + 1);
    while (at_ < html_.size() && html_[at_] != '>') {
      if (IsSpace(html_[at_]) || html_[at_] == '/') {
        CopyTo(at_ + 1);
        CopyAttribute(has_links);
      } else {
        CopyTo(at_ + 1);
      }
    }
  }

  // A name, and a value where there is one.
  void CopyAttribute(bool has_links) {
    const size_t name = at_;
    size_t end = at_;
    const auto in_name = [&] {
      return end < html_.size() && !IsSpace(html_[end]) && html_[end] != '=' &&
             html_[end] != '>' && html_[end] != '/';
    };
    while (in_name()) ++end;
    const bool href = has_links && end - name == 4 &&
                      StartsWithWord(html_.substr(name), "href");
    size_t equals = end;
    while (equals < html_.size() && IsSpace(html_[equals])) ++equals;
    if (equals == html_.size() || html_[equals] != '=') return CopyTo(end);
    ++equals;
    while (equals < html_.size() && IsSpace(html_[equals])) ++equals;
    CopyTo(equals);
    CopyValue(href);
  }

  void CopyValue(bool href) {
    if (at_ == html_.size()) return;
    const char quote = html_[at_];
    const bool quoted = quote == '"' || quote == '\'';
    if (quoted) CopyTo(at_ + 1);
    size_t end = at_;
    const auto in_value = [&] {
      return end < html_.size() &&
             (quoted ? html_[end] != quote
                     : !IsSpace(html_[end]) && html_[end] != '>');
    };
    while (in_value()) ++end;
    const std::string url = Unescaped(html_.substr(at_, end - at_));
    if (href && IsWebLink(url)) {
      out_ += EscapeHtml(link_(url));
      at_ = end;
    }
    CopyTo(std::min(end + (quoted ? 1 : 0), html_.size()));
  }

  const std::string_view html_;
  const ReplaceLink& link_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

bool IsWebLink(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!StartsWithWord(url, scheme) || url.size() == scheme.size()) continue;
    const char next = url[scheme.size()];
    return IsWordChar(next) || next == '[';
  }
  return false;
}

std::string ReplaceLinksInText(std::string_view text, const ReplaceLink& link) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const bool inside = at > 0 && IsWordChar(text[at - 1]);
    const size_t length = inside ? 0 : LinkLength(text.substr(at));
    if (length == 0) {
      out += text[at++];
      continue;
    }
    out += link(std::string(text.substr(at, length)));
    at += length;
  }
  return out;
}

std::string ReplaceLinksInHtml(std::string_view html, const ReplaceLink& link) {
  return HtmlCopy(html, link).Run();
}

std::string InsertAtBodyEnd(std::string_view html, std::string_view markup) {
  size_t last = html.npos;
  for (size_t at = FindWord(html, "</body", 0); at != html.npos;
       at = FindWord(html, "</body", at + 1)) {
    last = at;
  }
  std::string out(html.substr(0, last));
  out += markup;
  if (last != html.npos) out += html.substr(last);
  return out;
}

}  // namespace rekindle
