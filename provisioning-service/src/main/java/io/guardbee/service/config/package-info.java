/** Settings and the home directory: read strictly, written with every default and a comment. */
@NullMarked
package io.guardbee.service.config;

import org.jspecify.annotations.NullMarked;
