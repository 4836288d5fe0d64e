/** What an operator sees of this node: metrics and health. */
@NullMarked
package io.guardbee.broker.watch;

import org.jspecify.annotations.NullMarked;
