/** Tests of {@code issuance} that look inside it. */
@NullMarked
package io.guardbee.service.issuance;

import org.jspecify.annotations.NullMarked;
