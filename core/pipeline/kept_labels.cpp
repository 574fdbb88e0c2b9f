#include "core/pipeline/kept_labels.h"

#include "core/report/run_json.h"
#include "core/run/sha256.h"

namespace hexaplex {

std::string checkpoint_key(const SlideResult& planned) {
  std::string text = planned.version + "\n" + planned.commit + "\n" + parameters_hash(planned.parameters) + "\n";
  for (const InputRecord& input : planned.inputs) text += input.role + " " + input.sha256 + "\n";
  return sha256_of(text).substr(0, 32);
}

SlideLabels kept_labels(CpuQueue& q, const TissueArea& area, Checkpoints& checkpoints, SlideResult& result,
                        const std::function<SlideLabels()>& make) {
  constexpr const char* kStage = "segment";
  SlideLabels labels;
  double nucleus_um = 0;
  const bool known = checkpoints.load(kStage, [&](CheckpointReader& from) {
    nucleus_um = from.value<double>();
    labels = {PiecePlanes<std::uint32_t>(area), PiecePlanes<std::uint32_t>(area)};
    for (std::size_t i = 0; i < area.pieces().size(); ++i) {
      from.plane(labels.nucleus.piece(i).view());
      from.plane(labels.cell.piece(i).view());
    }
  });
  if (known) {
    result.derived["nucleus_um"] = nucleus_um;
    return labels;
  }
  labels = {};
  labels = make();
  checkpoints.save(kStage, [&](CheckpointWriter& to) {
    to.value(result.derived.at("nucleus_um").get<double>());
    const SlideLabels& made = labels;
    for (std::size_t i = 0; i < area.pieces().size(); ++i) {
      to.plane(q, made.nucleus.piece(i).view());
      to.plane(q, made.cell.piece(i).view());
    }
  });
  return labels;
}

}  // namespace hexaplex
