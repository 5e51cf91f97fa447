#include "channels/file/file_adapter.h"

#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include "channels/file/hand_off_csv.h"
#include "channels/file/hand_off_file.h"

namespace rekindle {
namespace {

// One write and one fsync a batch.
constexpr int kBatch = 1000;
// Files whose touch ids are remembered between batches.
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
    traits_.batch = kBatch;
  }

  const AdapterTraits& traits() const override { return traits_; }

  void Send(std::span<const ClaimedTouch> touches,
            const std::function<void(size_t, Outcome)>& report) override {
    std::map<std::string, std::vector<size_t>> by_file;
    for (size_t i = 0; i < touches.size(); ++i) {
      by_file[HandOffFileName(touches[i].rule_id, touches[i].slot)].push_back(
          i);
    }
    for (const auto& [name, indexes] : by_file) {
      std::vector<const ClaimedTouch*> rows;
      for (const size_t i : indexes) rows.push_back(&touches[i]);
      const Outcome outcome = Put(name, rows);
      for (const size_t i : indexes) report(i, outcome);
    }
  }

 private:
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
      outcome.detail = name + ": " + e.what();
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
