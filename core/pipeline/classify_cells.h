#pragma once

#include <string>

#include "core/cells/cell_table.h"
#include "core/panel/panel.h"
#include "core/phenotype/positivity.h"

namespace hexaplex {

/// Adds to the states of markers those of the classes that the panel's classifier tells apart, in their order: yes for
/// the class of a cell, no for the others, and no for all where a cell has no nucleus. Nothing without a classifier.
void add_classes(const Panel& panel, const CellTable& cells, double um_per_px, Positivity& positivity);

/// What can be done of a panel that lacks its classifier: cells without phenotypes, and nothing that is counted by
/// them, so that no number stands for what nobody knows yet. Other panels as they are.
Panel before_classes(Panel panel);

/// Of a panel that lacks its classifier: what is not there, and the two commands that mend it.
std::string why_unclassified(const Panel& panel);

}  // namespace hexaplex
