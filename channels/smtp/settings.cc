#include "channels/smtp/settings.h"

#include <algorithm>
#include <cctype>

#include "channels/adapter/settings_keys.h"

namespace rekindle {
namespace {

// Of a bounce token: an id, a full stop, 16 digits. With it a local part of 64
// characters leaves 15.
constexpr size_t kTokenLength = 49;

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// A host name or address: nothing that could change the URL it is put in.
bool IsHost(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '-' || c == ':' ||
                  c == '_';
         });
}

std::string TakeHostName(yaml::Section& section, const char* key,
                         const std::optional<yaml::Node>& node) {
  if (!node) return {};
  yaml::Diagnostics& d = section.diagnostics();
  const auto host = node->AsString(d, key);
  if (!host) return {};
  if (!IsHost(*host)) {
    d.Error(node->position(),
            std::string(key) + " must be a host name or an IP address");
  }
  return *host;
}

SmtpTls TakeTls(yaml::Section& section, SmtpTls otherwise) {
  const auto node = section.Take("tls");
  if (!node || !CheckKnown(*node, section.diagnostics(), "value of tls",
                           {"none", "starttls", "implicit"})) {
    return otherwise;
  }
  if (node->text() == "none") return SmtpTls::kNone;
  return node->text() == "starttls" ? SmtpTls::kStartTls : SmtpTls::kImplicit;
}

int DefaultPort(SmtpTls tls) {
  switch (tls) {
    case SmtpTls::kNone:
      return 25;
    case SmtpTls::kStartTls:
      return 587;
    case SmtpTls::kImplicit:
      break;
  }
  return 465;
}

Mailbox TakeFrom(yaml::Section& section) {
  const auto node = section.Require("from");
  if (!node) return {};
  yaml::Diagnostics& d = section.diagnostics();
  const auto text = node->AsString(d, "from");
  if (!text) return {};
  if (auto mailbox = ParseMailbox(*text)) return *mailbox;
  d.Error(node->position(),
          "from must be an address like hello@app.example or "
          "The App <hello@app.example>");
  return {};
}

std::string TakeAddress(yaml::Section& section, const char* key) {
  const auto node = section.Take(key);
  if (!node) return {};
  yaml::Diagnostics& d = section.diagnostics();
  const auto text = node->AsString(d, key);
  if (text && !IsMailAddress(*text)) {
    d.Error(node->position(),
            std::string(key) + " must be an address like hello@app.example");
  }
  return text.value_or("");
}

std::string TakeBounceAddress(yaml::Section& section) {
  yaml::Diagnostics& d = section.diagnostics();
  const auto node = section.Take("bounce_address");
  if (!node) return {};
  const auto text = node->AsString(d, "bounce_address");
  if (!text) return {};
  std::string address = *text;
  if (const size_t at = address.find(kTokenMark); at != address.npos) {
    address.replace(at, kTokenMark.size(), kTokenLength, 'x');
  }
  if (!IsMailAddress(address)) {
    d.Error(node->position(),
            "bounce_address must be like bounces@app.example or "
            "bounce+{token}@app.example, with at most 15 characters around "
            "{token}");
  }
  return *text;
}

std::filesystem::path TakeImages(yaml::Section& section) {
  const auto node = section.Take("images");
  if (!node) return {};
  yaml::Diagnostics& d = section.diagnostics();
  if (!node->AsString(d, "images")) return {};
  std::filesystem::path path = SettingsPath(*node);
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    d.Error(node->position(), "images names no folder: " + path.string());
  }
  return path;
}

void TakeLogin(yaml::Section& section, SmtpSettings* settings) {
  yaml::Diagnostics& d = section.diagnostics();
  settings->user = section.GetString("user", "");
  const auto password = section.Take("password");
  if (password) {
    settings->password =
        ParseSecret(*password, d, "password").value_or(Secret());
  }
  if (settings->user.empty() != !password.has_value()) {
    d.Error(section.node().position(),
            "user and password go together: give both or neither");
  }
  if (!settings->user.empty() && settings->tls == SmtpTls::kNone &&
      !IsLoopback(settings->host)) {
    d.Error(section.node().position(),
            "tls: none would send the password in the clear; use starttls or "
            "implicit");
  }
}

}  // namespace

std::optional<SmtpSettings> ParseSmtpSettings(yaml::Section& section) {
  if (!section.valid()) return std::nullopt;
  const int errors_before = section.diagnostics().errors();
  SmtpSettings settings;
  settings.host = TakeHostName(section, "host", section.Require("host"));
  settings.tls = TakeTls(
      section, IsLoopback(settings.host) ? SmtpTls::kNone : SmtpTls::kStartTls);
  settings.port = static_cast<int>(
      section.GetInteger("port", DefaultPort(settings.tls), 1, 65535));
  settings.ca_file = TakeCaFile(section);
  TakeLogin(section, &settings);
  settings.from = TakeFrom(section);
  settings.reply_to = TakeAddress(section, "reply_to");
  settings.bounce_address = TakeBounceAddress(section);
  settings.images = TakeImages(section);
  settings.address_field = TakeAddressField(section, "email");
  settings.ehlo = TakeHostName(section, "ehlo", section.Take("ehlo"));
  settings.timeout =
      std::chrono::seconds(section.GetInteger("timeout_seconds", 60, 1, 600));
  settings.concurrency =
      static_cast<int>(section.GetInteger("concurrency", 8, 1, 256));
  section.Finish();
  if (section.diagnostics().errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle
