// The adapters that the kit is run over.
#include <fstream>

#include "tests/unit/channels/conformance/http_peer.h"
#include "tests/unit/channels/conformance/smtp_peer.h"

namespace rekindle::conformance {
namespace {

using namespace channel_testing;

std::unique_ptr<Adapter> OpenFrom(const std::string& settings) {
  setenv("CANARY_SECRET", kSecret, 1);
  auto channels = Channels(settings);
  if (channels.empty()) throw std::runtime_error("wrong settings");
  // Not owned by anybody else.
  struct Holder : Adapter {
    explicit Holder(std::shared_ptr<Adapter> a) : adapter(std::move(a)) {}
    const AdapterTraits& traits() const override { return adapter->traits(); }
    void Send(Outbox& outbox) override { adapter->Send(outbox); }
    std::shared_ptr<Adapter> adapter;
  };
  return std::make_unique<Holder>(std::move(channels[0].adapter));
}

ClaimedTouch KitTouch(const std::string& behavior, int n) {
  ClaimedTouch touch =
      MakeTouch("kit-" + behavior + '-' + std::to_string(n), kAddressCanary);
  return touch;
}

class WebhookSubject : public Subject {
 public:
  std::unique_ptr<Adapter> Open() override { return OpenAt(peer_.url()); }
  std::unique_ptr<Adapter> OpenDeserted() override {
    return OpenAt(DesertedUrl());
  }
  ClaimedTouch Touch(const std::string& behavior, int n) override {
    return KitTouch(behavior, n);
  }
  // The status line is the answer, whatever the body.
  std::map<std::string, std::string> Expected() const override {
    return {{"accept", "accepted"}, {"busy", "temporary"},
            {"account", "account"}, {"message", "bad_message"},
            {"silence", "unknown"}, {"reset", "unknown"},
            {"garbage", "unknown"}, {"huge", "accepted"},
            {"slow", "accepted"},   {"cutoff", "accepted"}};
  }
  std::vector<std::string> Keys() const override { return peer_.keys(); }

 private:
  static std::unique_ptr<Adapter> OpenAt(const std::string& url) {
    return OpenFrom("c: {type: webhook, url: \"" + url +
                    "\", secret: {env: CANARY_SECRET}, address_field: token, "
                    "timeout_seconds: 1, concurrency: 4}");
  }
  HttpPeer peer_;
};

class HttpSubject : public Subject {
 public:
  std::unique_ptr<Adapter> Open() override { return OpenAt(peer_.url()); }
  std::unique_ptr<Adapter> OpenDeserted() override {
    return OpenAt(DesertedUrl());
  }
  ClaimedTouch Touch(const std::string& behavior, int n) override {
    return KitTouch(behavior, n);
  }
  // What the body does not say is not known.
  std::map<std::string, std::string> Expected() const override {
    return {{"accept", "accepted"},     {"recipient", "dead_recipient"},
            {"busy", "temporary"},      {"account", "account"},
            {"message", "bad_message"}, {"silence", "unknown"},
            {"reset", "unknown"},       {"garbage", "unknown"},
            {"huge", "unknown"},        {"slow", "unknown"},
            {"cutoff", "unknown"}};
  }
  std::vector<std::string> Keys() const override { return peer_.keys(); }

 private:
  static std::unique_ptr<Adapter> OpenAt(const std::string& url) {
    return OpenFrom(R"(
c:
  type: http
  url: ")" + url + R"(?key={{secret.key}}"
  secrets: {key: {env: CANARY_SECRET}}
  auth: {bearer: "{{secret.key}}"}
  address_field: token
  json: {id: "{{touch_id}}", to: "{{address}}", text: "{{parts.text}}"}
  answer:
    classes:
      - {field: /errcode, is: 0, class: accepted}
      - {field: /errcode, is: 1, class: dead_recipient}
    message: /errmsg
    provider_id: /id
  timeout_seconds: 1
  concurrency: 4
)");
  }
  HttpPeer peer_;
};

class SmtpSubject : public Subject {
 public:
  std::unique_ptr<Adapter> Open() override { return OpenAt(peer_.port()); }
  std::unique_ptr<Adapter> OpenDeserted() override {
    RawServer gone([](int, int) {});
    return OpenAt(gone.port());
  }
  ClaimedTouch Touch(const std::string& behavior, int n) override {
    ClaimedTouch touch = KitTouch(behavior, n);
    touch.address = touch.touch_id + "." + kAddressCanary + "@app.example";
    return touch;
  }
  std::map<std::string, std::string> Expected() const override {
    return {{"accept", "accepted"},     {"recipient", "dead_recipient"},
            {"busy", "temporary"},      {"account", "account"},
            {"message", "bad_message"}, {"silence", "unknown"},
            {"reset", "unknown"},       {"garbage", "temporary"},
            {"huge", "unknown"},        {"slow", "accepted"},
            {"cutoff", "unknown"}};
  }
  std::vector<std::string> Keys() const override { return peer_.keys(); }

 private:
  static std::unique_ptr<Adapter> OpenAt(int port) {
    return OpenFrom(
        "c: {type: smtp, host: 127.0.0.1, port: " + std::to_string(port) +
        ", from: hello@app.example, user: kim, password: {env: "
        "CANARY_SECRET}, timeout_seconds: 1, concurrency: 4}");
  }
  SmtpPeer peer_;
};

// People are the peer: they cannot misbehave here, a disk can.
class FileSubject : public Subject {
 public:
  std::unique_ptr<Adapter> Open() override {
    return OpenFrom("c: {type: file, dir: " + (dir_ / "out").string() + "}");
  }
  std::unique_ptr<Adapter> OpenDeserted() override {
    WriteAll(dir_ / "plain", "");
    return OpenFrom("c: {type: file, dir: " + (dir_ / "plain").string() +
                    "/out}");
  }
  ClaimedTouch Touch(const std::string& behavior, int n) override {
    return KitTouch(behavior, n);
  }
  std::map<std::string, std::string> Expected() const override {
    return {{"accept", "accepted"}};
  }
  std::vector<std::string> Keys() const override {
    std::vector<std::string> keys;
    std::ifstream in(dir_ / "out/wake-20260201T020000Z.csv");
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("kit-"))
        keys.push_back(line.substr(0, line.find(',')));
    }
    return keys;
  }

 private:
  testing::TempDir dir_;
};

}  // namespace

std::unique_ptr<Subject> MakeWebhookSubject() {
  return std::make_unique<WebhookSubject>();
}
std::unique_ptr<Subject> MakeHttpSubject() {
  return std::make_unique<HttpSubject>();
}
std::unique_ptr<Subject> MakeSmtpSubject() {
  return std::make_unique<SmtpSubject>();
}
std::unique_ptr<Subject> MakeFileSubject() {
  return std::make_unique<FileSubject>();
}

}  // namespace rekindle::conformance
