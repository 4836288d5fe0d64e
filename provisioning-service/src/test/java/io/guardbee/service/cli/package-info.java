/** Tests of {@code cli} that look inside it. */
@NullMarked
package io.guardbee.service.cli;

import org.jspecify.annotations.NullMarked;
