/** Whom a device believes, and as whom it speaks, in TLS. */
@NullMarked
package io.guardbee.agent.trust;

import org.jspecify.annotations.NullMarked;
