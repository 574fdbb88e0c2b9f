#include "core/loss/publish_loss.h"

#include <set>

#include "core/loss/loss_wording.h"
#include "core/report/page_folder.h"
#include "core/report/summary.h"

namespace hexaplex {

LossOutcome publish_loss(const LossOptions& options) {
  const auto is_ours = [](const std::string& name) {
    static const std::set<std::string> files{"loss.html", "loss.json", "loss.csv", "distribution.csv",
                                             "distribution.svg"};
    return files.count(name) != 0;
  };
  const PageFolder folder(options.out, "a loss", is_ours, options.overwrite);
  const LossStudy study = study_loss(options.before, options.after, options.control, options.question);
  const LossDistribution distribution = distribution_of(study);
  folder.publish({{"loss.html", loss_page(study, distribution)},
                  {"loss.json", json_file(loss_json(study, distribution))},
                  {"loss.csv", loss_csv(study)},
                  {"distribution.csv", distribution_csv(distribution)},
                  {"distribution.svg", distribution_plot(study, distribution)}});
  return {verdict_of(study), study.notes};
}

}  // namespace hexaplex
