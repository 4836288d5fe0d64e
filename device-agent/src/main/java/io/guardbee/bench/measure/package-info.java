/** What every benchmark measures with: clients that repeat their work, rates, percentiles. */
@NullMarked
package io.guardbee.bench.measure;

import org.jspecify.annotations.NullMarked;
