// The templated adapter: the shipped examples against a fake that shows what it
// was sent, and the settings' errors.
#include "channels/http/http_request_adapter.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

// Answers what it was told to; keeps the last request.
class Fake {
 public:
  Fake() {
    const auto serve = [this](const httplib::Request& request,
                              httplib::Response& response) {
      last = request;
      response.status = status;
      for (const auto& [name, value] : headers) {
        response.set_header(name, value);
      }
      response.set_content(answer, "application/json");
    };
    server_.Post(".*", serve);
    server_.Put(R"([\s\S]*)", serve);  // also where a line ends in the path
    server_.Get(".*", serve);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Fake() {
    server_.stop();
    thread_.join();
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }

  int status = 200;
  std::string answer = "{}";
  std::map<std::string, std::string> headers;
  httplib::Request last;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

// The settings' host becomes the fake's.
std::unique_ptr<Adapter> Open(const std::string& channel,
                              const std::string& fake_url) {
  std::string text = channel;
  const size_t at = text.find("https://");
  if (at != text.npos) {
    const size_t end = text.find('/', at + 8);
    text.replace(at, end - at, fake_url);
  }
  yaml::Diagnostics d;
  const auto node = yaml::Parse("channels.yaml", text, d);
  yaml::Section top(*node, d, "the file");
  const auto channels = top.Take("channels");
  std::unique_ptr<Adapter> adapter;
  for (const auto& [id, value] : channels->Entries()) {
    yaml::Section section(value, d, "channel");
    section.Take("type");
    if (const auto receipts = section.Take("receipts")) {
      EXPECT_TRUE(ParseReceipts(*receipts, d)) << d.Render();
    }
    TakeDelivery(section);
    auto settings = ParseHttpRequestSettings(section);
    EXPECT_TRUE(settings.has_value()) << d.Render();
    if (!settings) return nullptr;
    adapter = MakeHttpRequestAdapter(
        std::move(*settings),
        std::make_shared<FixedClock>(FromMillis(1704164645123)));
  }
  return adapter;
}

std::unique_ptr<Adapter> OpenExample(const std::string& name,
                                     const Fake& fake) {
  return Open(ReadAll(std::string(REKINDLE_SOURCE_DIR) +
                      "/config/examples/channels/" + name + ".yaml"),
              fake.url());
}

Outcome SendOne(Adapter& adapter) {
  ClaimedTouch touch = MakeTouch("t1", "+8613800138000");
  touch.parts = {{"text", "回来看看 \"你\"\n"}};
  return SendAll(adapter, {touch})[0];
}

class HttpRequestAdapterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"DINGTALK_TOKEN", "canary-token"},
             {"DINGTALK_SECRET", "SEC0123456789abcdef"},
             {"FEISHU_TOKEN", "canary-token"},
             {"FEISHU_SECRET", "feishu_secret_example"},
             {"WECOM_KEY", "canary-key"},
             {"TWILIO_ACCOUNT_SID", "AC01"},
             {"TWILIO_AUTH_TOKEN", "auth_token_example"},
             {"TWILIO_FROM", "+15005550006"},
             {"SMS_KEY_ID", "id-1"},
             {"SMS_KEY", "canary-key"}}) {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  Fake fake_;
};

TEST_F(HttpRequestAdapterTest, DingTalk) {
  const auto adapter = OpenExample("dingtalk", fake_);
  EXPECT_EQ(adapter->traits().required_parts, std::vector<std::string>{"text"});
  fake_.answer = R"({"errcode":0,"errmsg":"ok"})";
  EXPECT_EQ(What(SendOne(*adapter)), "accepted");
  EXPECT_EQ(fake_.last.path, "/robot/send");
  EXPECT_EQ(fake_.last.get_param_value("access_token"), "canary-token");
  EXPECT_EQ(fake_.last.get_param_value("timestamp"), "1704164645123");
  EXPECT_EQ(fake_.last.get_param_value("sign"),
            "WB57L+h1iB4LwGOMSmNM3OxQyAHOoM+/ZL8sTEd0iTE=");
  EXPECT_EQ(fake_.last.body,
            R"({"msgtype":"text","text":{"content":"回来看看 \"你\"\n"}})");
}

TEST_F(HttpRequestAdapterTest, Feishu) {
  const auto adapter = OpenExample("feishu", fake_);
  fake_.answer = R"({"code":0,"msg":"success","data":{}})";
  EXPECT_EQ(What(SendOne(*adapter)), "accepted");
  EXPECT_EQ(fake_.last.path, "/open-apis/bot/v2/hook/canary-token");
  EXPECT_EQ(fake_.last.body,
            R"({"timestamp":"1704164645",)"
            R"("sign":"KIGQV7qfn2SKDiugFAyNWchJJUmeLBR3bRZ53jUO/k4=",)"
            R"("msg_type":"text","content":{"text":"回来看看 \"你\"\n"}})");
  fake_.answer = R"({"code":11232,"msg":"frequency limited"})";
  fake_.headers = {{"x-ogw-ratelimit-reset", "37"}};
  const Outcome limited = SendOne(*adapter);
  EXPECT_EQ(What(limited), "temporary");
  EXPECT_EQ(limited.retry_after, 37s);
  EXPECT_EQ(limited.detail, "HTTP 200: frequency limited");
}

TEST_F(HttpRequestAdapterTest, Twilio) {
  const auto adapter = OpenExample("twilio", fake_);
  EXPECT_EQ(adapter->traits().address_field, "phone");
  EXPECT_FALSE(adapter->traits().deduplicates);
  fake_.status = 201;
  fake_.answer = R"({"sid":"SM17","status":"queued","error_code":null})";
  const Outcome sent = SendOne(*adapter);
  EXPECT_EQ(What(sent), "accepted");
  EXPECT_EQ(sent.provider_id, "SM17");
  EXPECT_EQ(fake_.last.get_header_value("Authorization"),
            "Basic QUMwMTphdXRoX3Rva2VuX2V4YW1wbGU=");
  EXPECT_EQ(fake_.last.body,
            "To=%2B8613800138000&From=%2B15005550006&Body="
            "%E5%9B%9E%E6%9D%A5%E7%9C%8B%E7%9C%8B%20%22%E4%BD%A0%22%0A");
}

TEST_F(HttpRequestAdapterTest, AnSmsGateway) {
  const auto adapter = OpenExample("sms_gateway", fake_);
  EXPECT_TRUE(adapter->traits().deduplicates);
  fake_.answer = R"({"code":"OK","message_id":17})";
  const Outcome sent = SendOne(*adapter);
  EXPECT_EQ(What(sent), "accepted") << sent.detail;
  EXPECT_EQ(sent.provider_id, "17");
  const std::string digest =
      Hmac(HmacHash::kSha256, "canary-key", "1704164645." + fake_.last.body);
  std::string hex;
  for (const char c : digest) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  EXPECT_EQ(fake_.last.get_header_value("X-Signature"), hex);
  EXPECT_EQ(fake_.last.get_header_value("X-Key-Id"), "id-1");
}

TEST_F(HttpRequestAdapterTest, AnswersOfTheExamples) {
  const struct {
    std::string example;
    int status;
    std::string answer, what;
  } kRows[] = {
      {"wecom", 200, R"({"errcode":0})", "accepted"},
      {"wecom", 200, R"({"errcode":45009,"errmsg":"freq"})", "temporary"},
      {"wecom", 200, R"({"errcode":93000})", "account"},
      {"wecom", 200, R"({"errcode":40058})", "bad_message"},
      {"wecom", 200, "<html>", "bad_message"},
      {"wecom", 502, "", "unknown"},
      {"wecom", 429, "", "temporary"},
      {"dingtalk", 200, R"({"errcode":130101})", "temporary"},
      {"dingtalk", 200, R"({"errcode":310000})", "account"},
      {"dingtalk", 200, R"({"errcode":430104})", "bad_message"},
      {"twilio", 400, R"({"code":21610})", "dead_recipient"},
      {"twilio", 401, R"({"code":20003})", "account"},
      {"twilio", 400, R"({"code":21617})", "bad_message"},
      {"twilio", 429, R"({"code":20429})", "temporary"},
      {"twilio", 503, "", "temporary"},
      {"twilio", 504, "", "unknown"},
      {"twilio", 200, "{}", "unknown"},
      {"sms_gateway", 200, R"({"code":"NO_BALANCE"})", "account"},
      {"sms_gateway", 200, R"({"code":"BLACKLISTED"})", "dead_recipient"},
      {"sms_gateway", 504, "", "temporary"},
  };
  for (const auto& row : kRows) {
    fake_.status = row.status;
    fake_.answer = row.answer;
    EXPECT_EQ(What(SendOne(*OpenExample(row.example, fake_))), row.what)
        << row.example << " " << row.status << " " << row.answer;
  }
}

TEST_F(HttpRequestAdapterTest, AMissingPartIsTheMessagesFault) {
  const auto adapter = OpenExample("wecom", fake_);
  ClaimedTouch touch = MakeTouch("t1");
  touch.parts = {{"title", "x"}};
  const Outcome outcome = SendAll(*adapter, {touch})[0];
  EXPECT_EQ(What(outcome), "bad_message");
  EXPECT_EQ(outcome.detail,
            "cannot be put into a request: there is no parts.text");
}

TEST_F(HttpRequestAdapterTest, NoValueBeginsAHeader) {
  const auto adapter = Open(R"(
channels:
  c:
    type: http
    method: PUT
    url: "https://h.example/x/{{parts.text}}?u={{user_id}}"
    headers: {X-Title: "{{parts.text}}", Content-Type: text/csv}
    text: "{{parts.text | default: \"none\"}}"
)",
                            fake_.url());
  ClaimedTouch touch = MakeTouch("t1");
  touch.user_id = "a/b&c";
  touch.parts = {{"text", "one\r\nX-Evil: two"}};
  EXPECT_EQ(What(SendAll(*adapter, {touch})[0]), "accepted");
  EXPECT_EQ(fake_.last.method, "PUT");
  EXPECT_EQ(fake_.last.get_header_value("X-Title"), "one  X-Evil: two");
  EXPECT_FALSE(fake_.last.has_header("X-Evil"));
  EXPECT_EQ(fake_.last.get_header_value("Content-Type"), "text/csv");
  EXPECT_EQ(fake_.last.get_param_value("u"), "a/b&c");
}

TEST_F(HttpRequestAdapterTest, Errors) {
  const std::string url = "url: 'https://h.example/'";
  const struct {
    std::string settings, message;
  } kRows[] = {
      {"", R"(channel "c" needs "url")"},
      {"url: 'https://{{parts.host}}/'",
       "the host of url must not hold variables"},
      {"url: 'ftp://h/'", "url must begin with https:// or http://"},
      {url + ", method: DELETE",
       R"(unknown method "DELETE"; expected POST, PUT, PATCH or GET)"},
      {url + ", json: {a: '{{secret.kee}}'}, secrets: {key: {env: SMS_KEY}}",
       "there is no variable \"secret.kee\"; did you mean \"secret.key\"?; "
       "parts of the message are parts.NAME, secrets secret.NAME"},
      {url + ", json: {a: '{{address}}'}",
       "{{address}} needs an address_field"},
      {url + ", json: {a: 1}, form: {a: b}", "give one of json, form and text"},
      {url + ", method: GET, text: x", "a GET request has no body"},
      {url + ", answer: {classes: [{field: errcode, class: accepted}]}",
       "field must be a JSON pointer like /errcode or /data/0/id, not "
       "\"errcode\""},
      {url + ", answer: {classes: [{status: 99, class: accepted}]}",
       "status must be between 200 and 599, or 2xx to 5xx, not \"99\""},
      {url + ", answer: {classes: [{status: 200, class: accept}]}",
       R"(unknown class "accept"; did you mean "accepted"?)"},
      {url + ", answer: {classes: [{class: accepted}]}",
       "a class of answers needs a status or a field"},
      {url + ", secrets: {key: written-here}",
       "key must be {env: NAME}, {file: PATH} or {credential: NAME}; a secret "
       "is never written in a settings file"},
      {url + ", rate: {per_second: 0}",
       "per_second must be more than 0; to stop a channel, use \"rekindle "
       "channel pause\""},
      {url + ", hours: 8-21", "hours must be like 08:00-21:00, not \"8-21\""},
      {url + ", retry: {first_seconds: 60, most_seconds: 5}",
       "first_seconds must not be more than most_seconds"},
      {url + ", cost: -1", "cost must be between 0 and 1000000 a message"},
  };
  for (const auto& row : kRows) {
    yaml::Diagnostics d;
    const auto node =
        yaml::Parse("c.yaml",
                    "c: {type: http" +
                        (row.settings.empty() ? "" : ", " + row.settings) + "}",
                    d);
    if (node) ParseChannels(*node, d);
    ASSERT_FALSE(d.all().empty()) << row.settings;
    EXPECT_EQ(d.all()[0].message, row.message) << row.settings;
  }
}

TEST_F(HttpRequestAdapterTest, ASecretThatIsNotSetIsToldOnce) {
  yaml::Diagnostics d;
  const auto node =
      yaml::Parse("c.yaml",
                  "c: {type: http, url: 'https://h.example/{{secret.key}}', "
                  "auth: {bearer: '{{secret.key}}'}, secrets: {key: {env: "
                  "NOT_SET_AT_ALL}}}",
                  d);
  ASSERT_TRUE(node);
  ParseChannels(*node, d);
  ASSERT_EQ(d.all().size(), 1u) << d.Render();
  EXPECT_EQ(d.all()[0].message,
            "key: the environment variable NOT_SET_AT_ALL is not set");
}

}  // namespace
}  // namespace rekindle
