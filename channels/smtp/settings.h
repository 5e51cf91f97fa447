// Settings of a `type: smtp` channel; README.md explains each.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "channels/smtp/mail_address.h"
#include "config/secret.h"
#include "config/yaml/node.h"

namespace rekindle {

// In `bounce_address`: where the token of the touch goes.
inline constexpr std::string_view kTokenMark = "{token}";

enum class SmtpTls {
  kNone,
  kStartTls,  // refuses to go on in the clear
  kImplicit,  // TLS from the first byte
};

struct SmtpSettings {
  std::string host;
  int port = 25;
  SmtpTls tls = SmtpTls::kNone;
  std::filesystem::path ca_file;  // empty: the system's authorities
  std::string user;               // empty: no authentication
  Secret password;
  Mailbox from;
  std::string reply_to;  // an address; empty: none
  // Envelope sender, with or without kTokenMark; empty: from's address.
  std::string bounce_address;
  std::filesystem::path images;  // a folder; empty: none
  std::string address_field = "email";
  std::string ehlo;                  // empty: the machine's name
  std::chrono::seconds timeout{60};  // of one whole mail
  int concurrency = 8;               // connections
};

// Takes every key but `type`; nothing where something is wrong.
std::optional<SmtpSettings> ParseSmtpSettings(yaml::Section& section);

}  // namespace rekindle
