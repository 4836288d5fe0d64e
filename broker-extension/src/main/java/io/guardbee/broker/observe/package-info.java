/** Counts what a policy under observation would have refused. */
@NullMarked
package io.guardbee.broker.observe;

import org.jspecify.annotations.NullMarked;
