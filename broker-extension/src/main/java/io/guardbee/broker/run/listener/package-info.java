/** Limits the connections that the broker's listeners accept, before TLS. */
@NullMarked
package io.guardbee.broker.run.listener;

import org.jspecify.annotations.NullMarked;
