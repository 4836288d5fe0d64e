/** REST under {@code /v1}, and what is public without a certificate. */
@NullMarked
package io.guardbee.service.api;

import org.jspecify.annotations.NullMarked;
