/** Benchmarks that compare like with like in one run. */
@NullMarked
package io.guardbee.bench;

import org.jspecify.annotations.NullMarked;
