#include "channels/smtp/mime_encoding.h"

#include <algorithm>

#include "config/base/base64.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr size_t kMaxLine = 76;  // of an encoded body
constexpr size_t kMaxHeaderLine = 78;
constexpr size_t kEncodedWordFrame = 12;  // `=?UTF-8?B?` and `?=`

std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte == 0x7F) c = ' ';
  }
  return std::string(Trim(line));
}

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < 0x7F; });
}

// Header text that may stand as it is: nothing to encode, nothing that reads
// like an encoded word, no word too long to fold.
bool StandsAsItIs(std::string_view text) {
  if (!IsPlainAscii(text) || text.find("=?") != text.npos) return false;
  size_t word = 0;
  for (const char c : text) {
    word = c == ' ' ? 0 : word + 1;
    if (word > kMaxHeaderLine - 4) return false;
  }
  return true;
}

// Folds at spaces; `used` characters stand on the first line already.
std::string Folded(std::string_view text, size_t used) {
  std::string lines;
  size_t width = used;
  for (const std::string& word : Split(text, ' ')) {
    if (!lines.empty()) {
      const bool fits = width + 1 + word.size() <= kMaxHeaderLine;
      lines += fits ? " " : "\r\n ";
      width = fits ? width + 1 : 1;
    }
    lines += word;
    width += word.size();
  }
  return lines;
}

std::string QuotedName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

void AppendHex(unsigned char byte, std::string* out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  *out += '=';
  *out += kDigits[byte >> 4];
  *out += kDigits[byte & 15];
}

// The line without its CRLF, broken softly where it is too long.
void AppendQuotedLine(std::string_view line, std::string* out) {
  size_t width = 0;
  size_t begin = 0;  // of what stands as it is and is not written yet
  for (size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const bool last = i + 1 == line.size();
    const bool space = byte == ' ' || byte == '\t';
    const bool plain =
        (byte > ' ' && byte < 0x7F && byte != '=') || (space && !last);
    const size_t needs = plain ? 1 : 3;
    if (width + needs > kMaxLine - 1) {  // room for the "=" of a soft break
      out->append(line, begin, i - begin);
      *out += "=\r\n";
      begin = i;
      width = 0;
    }
    if (!plain) {
      out->append(line, begin, i - begin);
      AppendHex(byte, out);
      begin = i + 1;
    }
    width += needs;
  }
  out->append(line, begin);
}

}  // namespace

std::string HeaderLine(std::string_view name, std::string_view text) {
  const std::string line = OneLine(text);
  std::string header(name);
  header += ": ";
  header += StandsAsItIs(line) ? Folded(line, header.size())
                               : EncodedWords(line, header.size());
  return header + "\r\n";
}

std::string MailboxLine(std::string_view header, std::string_view name,
                        std::string_view address) {
  std::string line(header);
  line += ": ";
  const std::string plain = OneLine(name);
  if (plain.empty()) return line.append(address) + "\r\n";
  line += StandsAsItIs(plain) ? QuotedName(plain)
                              : EncodedWords(plain, line.size());
  const size_t last_line = line.size() - (line.rfind('\n') + 1);
  const bool fits = last_line + address.size() + 3 <= kMaxHeaderLine;
  line += fits ? " <" : "\r\n <";
  return line.append(address) + ">\r\n";
}

std::string EncodedWords(std::string_view text, size_t used) {
  std::string words;
  while (!text.empty()) {
    const size_t room = kMaxLine - kEncodedWordFrame - used;
    size_t take = std::min(room / 4 * 3, text.size());
    // Not inside a character.
    while (take > 1 && take < text.size() && (text[take] & 0xC0) == 0x80) {
      --take;
    }
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + EncodeBase64(text.substr(0, take)) + "?=";
    text.remove_prefix(take);
    used = 1;
  }
  return words;
}

std::string CrlfLines(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 32);
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') continue;
    lines.append(text, begin, i - begin);
    lines += "\r\n";
    if (text.substr(i, 2) == "\r\n") ++i;
    begin = i + 1;
  }
  return lines.append(text, begin);
}

std::string QuotedPrintable(std::string_view body) {
  std::string out;
  out.reserve(body.size() + body.size() / 16);
  while (true) {
    const size_t end = body.find("\r\n");
    AppendQuotedLine(body.substr(0, end), &out);
    if (end == body.npos) return out;
    out += "\r\n";
    body.remove_prefix(end + 2);
  }
}

size_t Base64Size(std::string_view body) {
  const size_t text = (body.size() + 2) / 3 * 4;
  return text + (text == 0 ? 0 : (text - 1) / kMaxLine * 2);
}

std::string Base64Lines(std::string_view body) {
  constexpr size_t kBytesPerLine = kMaxLine / 4 * 3;
  std::string out;
  out.reserve(Base64Size(body));
  for (size_t at = 0; at < body.size(); at += kBytesPerLine) {
    if (at > 0) out += "\r\n";
    out += EncodeBase64(body.substr(at, kBytesPerLine));
  }
  return out;
}

}  // namespace rekindle
