#include "channels/smtp/smtp_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace rekindle {
namespace {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeSlist {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// A message on its way: what was said last, and what came back since.
struct Dialogue {
  std::string_view message;
  size_t offset = 0;
  SmtpStage stage = SmtpStage::kSession;
  std::string reply;  // lines since the last command, or the message's end
  char error[CURL_ERROR_SIZE] = {};

  bool over = false;  // libcurl says QUIT after a failure: no longer ours

  bool whole_message_left() const { return offset == message.size(); }
};

SmtpStage StageOf(std::string_view command) {
  if (command.starts_with("MAIL ")) return SmtpStage::kSender;
  if (command.starts_with("RCPT ")) return SmtpStage::kRecipient;
  if (command.starts_with("DATA")) return SmtpStage::kMessage;
  return SmtpStage::kSession;
}

// Sees the commands. They hold the password: only their verb is looked at.
int OnDebug(CURL*, curl_infotype type, char* data, size_t size, void* self) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  auto* dialogue = static_cast<Dialogue*>(self);
  const std::string_view command(data, size);
  if (command.starts_with("QUIT")) dialogue->over = true;
  if (dialogue->over) return 0;
  dialogue->stage = StageOf(command);
  dialogue->reply.clear();
  return 0;
}

size_t OnReply(char* data, size_t, size_t size, void* self) {
  constexpr size_t kMaxReply = 16 * 1024;
  auto* dialogue = static_cast<Dialogue*>(self);
  if (!dialogue->over && dialogue->reply.size() < kMaxReply) {
    dialogue->reply.append(data, size);
  }
  return size;
}

size_t OnRead(char* buffer, size_t, size_t room, void* self) {
  auto* dialogue = static_cast<Dialogue*>(self);
  const std::string_view rest = dialogue->message.substr(dialogue->offset);
  const size_t n = std::min(room, rest.size());
  std::memcpy(buffer, rest.data(), n);
  dialogue->offset += n;
  // What came before the end, 354 above all, is no answer to the message.
  if (n > 0 && n == rest.size()) dialogue->reply.clear();
  return n;
}

bool IsSessionFailure(CURLcode code) {
  switch (code) {
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
      return true;
    default:
      return false;
  }
}

std::string UrlOf(const SmtpSettings& settings) {
  std::string url = settings.tls == SmtpTls::kImplicit ? "smtps://" : "smtp://";
  const bool v6 = settings.host.find(':') != std::string::npos;
  url += v6 ? '[' + settings.host + ']' : settings.host;
  url += ':' + std::to_string(settings.port);
  // libcurl takes the name it says in EHLO from the path.
  if (!settings.ehlo.empty()) url += '/' + settings.ehlo;
  return url;
}

SmtpEnd EndOf(CURLcode code, const Dialogue& dialogue, const SmtpReply& reply) {
  const bool left =
      dialogue.stage == SmtpStage::kMessage && dialogue.whole_message_left();
  if (code == CURLE_OK || (left && reply.positive())) {
    return SmtpEnd::kAccepted;
  }
  if (reply.code >= 400) return SmtpEnd::kRefused;
  if (left) return SmtpEnd::kNoAnswer;
  return IsSessionFailure(code) ? SmtpEnd::kNoSession : SmtpEnd::kUnreachable;
}

}  // namespace

struct SmtpClient::Impl {
  explicit Impl(const SmtpSettings& s) : settings(s), url(UrlOf(s)) {}

  void Open();
  void Close();
  void SetSecurity();
  CURLcode Perform(const std::string& from, const std::string& to,
                   const std::string& message);

  const SmtpSettings settings;
  const std::string url;
  Dialogue dialogue;  // libcurl writes to it until the handle is gone
  std::unique_ptr<CURL, FreeEasy> easy;
};

void SmtpClient::Impl::Open() {
  easy.reset(curl_easy_init());
  if (easy == nullptr) throw std::runtime_error("libcurl gave no handle");
  CURL* c = easy.get();
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  const auto timeout = static_cast<long>(settings.timeout.count());
  curl_easy_setopt(c, CURLOPT_TIMEOUT, timeout);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, timeout);
  curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout);
  SetSecurity();
  curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);  // calls OnDebug; prints nothing
  curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, &OnDebug);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, &OnReply);
  curl_easy_setopt(c, CURLOPT_READFUNCTION, &OnRead);
  curl_easy_setopt(c, CURLOPT_DEBUGDATA, &dialogue);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &dialogue);
  curl_easy_setopt(c, CURLOPT_READDATA, &dialogue);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, dialogue.error);
}

void SmtpClient::Impl::Close() {
  if (easy == nullptr) return;
  // libcurl says QUIT and waits for the reply, as long as for any other: not
  // where the peer has just shown that it does not reply.
  curl_socket_t left_open = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy.get(), CURLINFO_ACTIVESOCKET, &left_open);
  if (left_open != CURL_SOCKET_BAD) shutdown(left_open, SHUT_RDWR);
  easy.reset();
}

void SmtpClient::Impl::SetSecurity() {
  CURL* c = easy.get();
  if (settings.tls == SmtpTls::kStartTls) {
    curl_easy_setopt(c, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  }
  if (!settings.ca_file.empty()) {
    curl_easy_setopt(c, CURLOPT_CAINFO, settings.ca_file.c_str());
  }
  if (!settings.user.empty()) {
    curl_easy_setopt(c, CURLOPT_USERNAME, settings.user.c_str());
    curl_easy_setopt(c, CURLOPT_PASSWORD, settings.password.Reveal().c_str());
  }
}

CURLcode SmtpClient::Impl::Perform(const std::string& from,
                                   const std::string& to,
                                   const std::string& message) {
  if (easy == nullptr) Open();
  CURL* c = easy.get();
  const std::string recipient = '<' + to + '>';
  const std::unique_ptr<curl_slist, FreeSlist> recipients(
      curl_slist_append(nullptr, recipient.c_str()));
  const std::string sender = '<' + from + '>';
  dialogue = Dialogue();
  dialogue.message = message;
  curl_easy_setopt(c, CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(c, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(message.size()));
  const CURLcode code = curl_easy_perform(c);
  curl_easy_setopt(c, CURLOPT_MAIL_RCPT, nullptr);
  return code;
}

SmtpClient::SmtpClient(const SmtpSettings& settings)
    : impl_(std::make_unique<Impl>(settings)) {}

SmtpClient::~SmtpClient() = default;

SmtpResult SmtpClient::Send(const std::string& sender, const std::string& to,
                            const std::string& message) {
  const CURLcode code = impl_->Perform(sender, to, message);
  Dialogue& dialogue = impl_->dialogue;
  SmtpResult result;
  result.reply = ParseSmtpReply(dialogue.reply);
  result.end = EndOf(code, dialogue, result.reply);
  result.stage = dialogue.stage;
  result.error =
      dialogue.error[0] != '\0' ? dialogue.error : curl_easy_strerror(code);
  dialogue.over = true;
  // libcurl keeps a connection on which a reply was not waited for; coming
  // late, it would pass for the reply to the next message.
  if (code != CURLE_OK) impl_->Close();
  return result;
}

}  // namespace rekindle
