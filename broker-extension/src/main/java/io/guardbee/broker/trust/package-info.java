/**
 * Whose device certificates this node believes: first by its files, then by what the service tells.
 */
@NullMarked
package io.guardbee.broker.trust;

import org.jspecify.annotations.NullMarked;
