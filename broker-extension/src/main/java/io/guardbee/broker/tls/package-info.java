/** The listener's trust decisions, in place of the JVM's own. */
@NullMarked
package io.guardbee.broker.tls;

import org.jspecify.annotations.NullMarked;
