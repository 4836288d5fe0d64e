/** The JCA provider: signatures, key store, key pair generator and random numbers of a token. */
@NullMarked
package io.guardbee.hsm.jca;

import org.jspecify.annotations.NullMarked;
