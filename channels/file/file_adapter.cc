#include "channels/file/file_adapter.h"

#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include "channels/file/hand_off_csv.h"
#include "channels/file/hand_off_file.h"

namespace rekindle {
namespace {

// Rows written with one sync.
constexpr int kTogether = 1000;
// Files whose touch ids are remembered between writes.
constexpr size_t kMaxRemembered = 4;

// Waiting does not help where the folder is wrong; it may where a disk is full.
bool NeedsAPerson(const std::error_code& code) {
  switch (code.value()) {
    case EACCES:
    case EEXIST:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOENT:
    case ENOTDIR:
    case EPERM:
    case EROFS:
      return true;
    default:
      return false;
  }
}

class FileAdapter : public Adapter {
 public:
  explicit FileAdapter(FileSettings settings) : settings_(std::move(settings)) {
    traits_.needed_fields = settings_.needs;
    traits_.any_parts = true;
    traits_.deduplicates = true;
    traits_.concurrency = kTogether;
  }

  const AdapterTraits& traits() const override { return traits_; }

  void Send(Outbox& outbox) override {
    while (true) {
      std::vector<const ClaimedTouch*> touches;
      while (touches.size() < kTogether) {
        const ClaimedTouch* touch = outbox.Next();
        if (touch == nullptr) break;
        touches.push_back(touch);
      }
      if (!touches.empty()) {
        Write(touches, outbox);
      } else if (outbox.ended()) {
        return;
      } else {
        AwaitMore(outbox);
      }
    }
  }

 private:
  void Write(const std::vector<const ClaimedTouch*>& touches, Outbox& outbox) {
    std::map<std::string, std::vector<const ClaimedTouch*>> by_file;
    for (const ClaimedTouch* touch : touches) {
      by_file[HandOffFileName(touch->rule_id, touch->slot)].push_back(touch);
    }
    for (const auto& [name, rows] : by_file) {
      const Outcome outcome = Put(name, rows);
      for (const ClaimedTouch* row : rows) outbox.Report(*row, outcome);
    }
  }

  Outcome Put(const std::string& name,
              const std::vector<const ClaimedTouch*>& rows) {
    Outcome outcome;
    outcome.provider_id = name;
    try {
      FileOf(name).Put(rows);
      return outcome;
    } catch (const std::system_error& e) {
      outcome.what = NeedsAPerson(e.code()) ? OutcomeClass::kAccount
                                            : OutcomeClass::kTemporary;
      outcome.detail = e.what();
    } catch (const std::exception& e) {
      outcome.what = OutcomeClass::kTemporary;
      outcome.detail = name + ": " + e.what();
    }
    files_.erase(name);
    outcome.provider_id.clear();
    return outcome;
  }

  HandOffFile& FileOf(const std::string& name) {
    const auto known = files_.find(name);
    if (known != files_.end()) return known->second;
    if (files_.size() >= kMaxRemembered) files_.clear();
    return files_.emplace(name, settings_.dir / name).first->second;
  }

  const FileSettings settings_;
  AdapterTraits traits_;
  std::map<std::string, HandOffFile> files_;
};

}  // namespace

std::unique_ptr<Adapter> MakeFileAdapter(FileSettings settings) {
  return std::make_unique<FileAdapter>(std::move(settings));
}

}  // namespace rekindle
