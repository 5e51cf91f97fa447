#include "daemon/polling/receipt_poller.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

class ReceiptPollerTest : public ::testing::Test {
 protected:
  ReceiptPollerTest() {
    server_.Post(".*", [this](const httplib::Request& request,
                              httplib::Response& response) {
      if (request.path == "/slow") {
        slow_is_asked_ = true;
        over_.wait_for(60s);  // answers nobody who waits for it
      }
      if (request.path == "/b") ++asked_;
      response.set_content("[]", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~ReceiptPollerTest() override {
    end_.set_value();
    server_.stop();
    thread_.join();
  }

  std::string Polled(const std::string& path) const {
    return "{type: file, dir: out, receipts: {poll: {url: "
           "\"http://127.0.0.1:" +
           std::to_string(port_) + path + "\"}}}";
  }
  void Configure(const std::string& channels) {
    dir_.Write("rekindle.yaml", "data_dir: data\nchannels: {" + channels + "}");
  }
  bool Eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 500 && !holds(); ++i) std::this_thread::sleep_for(10ms);
    return holds();
  }

  testing::TempDir dir_;
  SystemClock clock_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> slow_is_asked_ = false;
  std::promise<void> end_;
  const std::shared_future<void> over_ = end_.get_future().share();
};

TEST_F(ReceiptPollerTest, AReloadBringsChannelsAndTakesThemAway) {
  Configure("a: {type: file, dir: out}");
  yaml::Diagnostics d;
  auto session =
      Session::Open(LoadConfiguration(dir_ / "rekindle.yaml", d), clock_);
  ASSERT_TRUE(session) << session.error().message;
  std::chrono::steady_clock::time_point began;
  ReceiptCommitter committer((*session)->engine(), clock_);
  {
    ReceiptPoller poller(**session, committer);
    EXPECT_TRUE(poller.Stats().empty());

    // One that is slow holds up neither the other nor the end.
    Configure("slow: " + Polled("/slow") + ", b: " + Polled("/b"));
    ASSERT_TRUE((*session)->Reload().ok);
    poller.Sync();
    EXPECT_TRUE(Eventually([&] { return asked_ == 1; }));
    EXPECT_TRUE(Eventually([&] {
      const auto stats = poller.Stats();
      return stats.size() == 2 && stats.at("b").asked[0] == 1;
    }));
    ASSERT_TRUE(Eventually([&] { return slow_is_asked_.load(); }));

    began = std::chrono::steady_clock::now();
    Configure("b: {type: file, dir: out}");
    ASSERT_TRUE((*session)->Reload().ok);
    poller.Sync();
    EXPECT_TRUE(poller.Stats().empty());
  }
  EXPECT_EQ(asked_, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

}  // namespace
}  // namespace rekindle
