/** Tests of {@code config} that look inside it. */
@NullMarked
package io.guardbee.service.config;

import org.jspecify.annotations.NullMarked;
