/** Which public keys are fit for a certificate. */
@NullMarked
package io.guardbee.service.request.key;

import org.jspecify.annotations.NullMarked;
