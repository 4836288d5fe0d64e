/** Notices when one certificate, hence one private key, is in two places at once. */
@NullMarked
package io.guardbee.broker.clone;

import org.jspecify.annotations.NullMarked;
