/** The listeners' trust decisions and their key, in place of the JVM's own and the key store's. */
@NullMarked
package io.guardbee.broker.tls;

import org.jspecify.annotations.NullMarked;
