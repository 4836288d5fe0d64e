/** Tests of {@code schedule} that look inside it. */
@NullMarked
package io.guardbee.service.schedule;

import org.jspecify.annotations.NullMarked;
